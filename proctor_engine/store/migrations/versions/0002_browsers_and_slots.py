"""Which browser holds a session, its phone's last sign of life, when Moodle was last asked, and booked slots"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("exam_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holder", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("phone_seen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))

    op.create_table(
        "booking",
        sa.Column("access_code", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("cm_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("access_code"),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_slot"), ["slot"], unique=False)


def downgrade() -> None:
    op.drop_table("booking")
    with op.batch_alter_table("exam_session", schema=None) as batch_op:
        batch_op.drop_column("asked_at")
        batch_op.drop_column("phone_seen_at")
        batch_op.drop_column("holder")
