"""The rooms that touch workbooks."""
