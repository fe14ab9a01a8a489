"""The analysis as documents: JSON for machines, a page of its own for people."""

from proctor_engine.report.document import AnalysisDocument, document
from proctor_engine.report.html import html

__all__ = ["AnalysisDocument", "document", "html"]
