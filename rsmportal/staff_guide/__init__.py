"""The guide for staff: the files of docs/staff-guide/ as pages of the work desk."""
