"""What pages are made of: frame, figures, tables, charts. No database and no page's State."""
