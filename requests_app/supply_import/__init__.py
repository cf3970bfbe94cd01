"""
Supply points with their meters from a table, one row for a meter at a point: `columns` are what the table looks like,
`cells` what one cell may say, `lines` the rows of a file checked among themselves, `plan` what they would change in
the database, `places` which meters would stand there twice. Nothing is written here: that is `actions.import_supply`.
"""
