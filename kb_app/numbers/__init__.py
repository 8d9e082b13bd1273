"""Numbers, dates and amounts in the forms that Chinese and English write them in. Pure."""
