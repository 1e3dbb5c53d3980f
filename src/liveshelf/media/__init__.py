"""Files: pictures that people or software upload.

Promises: the type comes from the content; size and pixels are judged on the original before it is decoded; what is
kept was encoded again by us without metadata; temporary media is gone after 3 days of business time; permanent copies
live as long as something points at them. Bytes are stored under their hash before the row is committed, so a row
never points at nothing. Words: media 素材, media id (media_id), temporary 临时素材, permanent 永久素材.
"""
