"""
Tables as people keep them, CSV and XLSX: read row by row, written row by row. No models, no HTTP; the answers that
carry a table to a browser are in `requests_app.table_responses`.
"""

from requests_app.tables.reading import Cell, Row, TableError, read
from requests_app.tables.workbook import xlsx_file
from requests_app.tables.writing import Value, csv_chunks, guarded

__all__ = ["Cell", "Row", "TableError", "Value", "csv_chunks", "guarded", "read", "xlsx_file"]
