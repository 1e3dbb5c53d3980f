"""What shops apply for, and their papers, become cases of the one review queue, which has their clocks from now on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"

_TABLES = ("qualification_applications", "qualification_papers")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("audit_id", sa.BigInteger(), nullable=True))
    for statement in (_APPLICATIONS, _JUDGED_ALONG, _PAPERS, _CASES_OF_APPLICATIONS, _CASES_OF_PAPERS):
        op.execute(statement)
    for statement in (_LATE_APPLICATIONS, _LATE_PAPERS, _LATE_ALONG):
        op.execute(statement)
    for table in (*_TABLES, "qualification_moves"):
        for was, became in _REASONS.items():
            op.execute(
                f"UPDATE {table} SET reasons = replace(reasons::text, '\"{was}\"', '\"{became}\"')::jsonb"  # noqa: S608 - names of ours
                f" WHERE reasons @> '[\"{was}\"]'::jsonb"
            )
    op.drop_index("qualification_applications_due_idx", table_name="qualification_applications")
    op.drop_index("qualification_papers_due_idx", table_name="qualification_papers")
    for table in _TABLES:
        op.drop_column(table, "due_at")
        op.drop_column(table, "overdue_at")


# The queue's catalogue has its own words for the same reasons.
_REASONS = {
    "paper_unclear": "paper_unreadable",
    "paper_doubtful": "paper_forged",
    "name_mismatch": "holder_mismatch",
    "category_mismatch": "scope_exceeded",
}

# A case takes a number that is its subject's already: of the move by which it was submitted, or the paper's own. All of
# them come from one source, so none is given twice.
_APPLICATIONS = """
UPDATE qualification_applications a SET audit_id = (
    SELECT max(m.move_id) FROM qualification_moves m
    WHERE m.shop_id = a.shop_id AND m.kind = a.kind AND m.became = 'submitted')
WHERE a.state = 'submitted'
"""
# Papers of the subject are judged with the application.
_JUDGED_ALONG = """
UPDATE qualification_papers p SET audit_id = a.audit_id
FROM qualification_applications a
WHERE a.shop_id = p.shop_id AND a.kind = 'opening' AND a.state = 'submitted' AND p.state = 'waiting'
    AND (a.subject, p.kind) IN (('person', 'identity_card'), ('person', 'bank_card'),
        ('sole_trader', 'business_licence'), ('sole_trader', 'corporate_account'),
        ('enterprise', 'business_licence'), ('enterprise', 'account_permit'))
"""
_PAPERS = "UPDATE qualification_papers SET audit_id = paper_id WHERE state = 'waiting' AND audit_id IS NULL"

# By two persons, or by one in a house where one may be the human pass; a house that was never set is its own.
_PERSONS = "CASE WHEN EXISTS (SELECT 1 FROM policy WHERE profile = 'marketplace') THEN 2 ELSE 1 END"
_COLUMNS = """
INSERT INTO review_cases (shop_id, audit_id, kind, subject, title, state, submitted, submitted_by, submitted_at,
    waiting_since, due_at, missed_at, persons)
"""
_CASES_OF_APPLICATIONS = f"""
{_COLUMNS}
SELECT a.shop_id, a.audit_id, CASE a.kind WHEN 'opening' THEN 'shop' ELSE 'permission' END,
    CASE a.kind WHEN 'opening' THEN 'shop:' ELSE 'permission:' END || a.shop_id, s.name, 'waiting',
    jsonb_build_object('texts', '{{}}'::jsonb, 'pictures', '[]'::jsonb, 'facts', CASE a.kind
        WHEN 'opening' THEN jsonb_build_object('subject', a.subject)
        ELSE jsonb_build_object('mode', a.mode, 'categories', (
            SELECT coalesce(string_agg(one, ', '), '') FROM jsonb_array_elements_text(a.categories) AS one)) END),
    m.actor, a.submitted_at, a.submitted_at, a.due_at, a.overdue_at, {_PERSONS}
FROM qualification_applications a
JOIN shops s ON s.shop_id = a.shop_id
JOIN qualification_moves m ON m.shop_id = a.shop_id AND m.move_id = a.audit_id
WHERE a.state = 'submitted'
"""  # noqa: S608 - texts of ours
_CASES_OF_PAPERS = f"""
{_COLUMNS}
SELECT p.shop_id, p.audit_id, 'paper', 'paper:' || p.paper_id, p.kind, 'waiting',
    jsonb_build_object('texts', '{{}}'::jsonb, 'pictures', '[]'::jsonb,
        'facts', jsonb_build_object('paper', p.kind, 'valid_until', p.valid_until)),
    p.submitted_by, p.submitted_at, p.submitted_at, p.due_at, p.overdue_at, {_PERSONS}
FROM qualification_papers p
WHERE p.state = 'waiting' AND p.audit_id = p.paper_id
"""  # noqa: S608 - as above

# What was late already is late there; of a paper that is judged along, its application's limit is the one.
_LATE_APPLICATIONS = """
UPDATE clock_breaches b SET clock = 'reviews.due', subject = 'review:' || a.audit_id
FROM qualification_applications a
WHERE a.shop_id = b.shop_id AND b.clock = 'qualifications.application_late' AND b.subject = 'application:' || a.kind
    AND b.settled_at IS NULL AND a.state = 'submitted'
"""
_LATE_PAPERS = """
UPDATE clock_breaches b SET clock = 'reviews.due', subject = 'review:' || p.audit_id
FROM qualification_papers p
WHERE p.shop_id = b.shop_id AND b.clock = 'qualifications.paper_late' AND b.subject = 'paper:' || p.paper_id
    AND b.settled_at IS NULL AND p.audit_id = p.paper_id
"""
_LATE_ALONG = """
UPDATE clock_breaches SET settled_at = noticed_at
WHERE clock IN ('qualifications.application_late', 'qualifications.paper_late') AND settled_at IS NULL
"""
