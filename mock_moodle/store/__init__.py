"""The site's database: SQLite, through SQLAlchemy. Models of core tables are here; other packages add their own.

    from mock_moodle.store import Base                  # class MyTable(Base): __tablename__ = ...
    from mock_moodle.site import current                # the running site
    session = current.session                           # this request's Session; committed when the view returns,
                                                        # rolled back when it raises

Tables carry Moodle's names without a prefix (`user`, `course_modules`, `external_tokens`).
Models added by a package must be imported by `mock_moodle.app` before the first request, so that they are created.
"""

from mock_moodle.store.database import Base, Store, copy_of

__all__ = ["Base", "Store", "copy_of"]
