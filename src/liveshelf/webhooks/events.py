"""What has happened with messages to a shop's server."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class DeliveryDue(Event, frozen=True):
    """A message is to be sent: the run of this number, which is done once."""

    name: ClassVar[str] = "webhooks.delivery_due"
    delivery_id: int
    run: int


class DeliveryGivenUp(Event, frozen=True):
    """Nobody took a message for a day; it is kept, and sent again only by hand."""

    name: ClassVar[str] = "webhooks.delivery_given_up"
    delivery_id: int
    event: str
