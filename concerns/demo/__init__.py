"""Practice data: a fictional centre with fictional people, so that everybody can try everything."""
