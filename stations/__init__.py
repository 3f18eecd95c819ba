"""Files of instruments come in; hourly, flagged station records and observations go out."""
