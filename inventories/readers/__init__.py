"""Files of offices and inventories come in; checked rows and fields go out, one file a format."""
