"""SQLAlchemy's dialect compliance suite, as it is."""

from sqlalchemy.testing.suite import *  # noqa: F403
