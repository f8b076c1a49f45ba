"""Rules decide: pure functions of what is passed in, the moment among it. They know no database and no clock."""
