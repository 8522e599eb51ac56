"""The workshop's page: seven screens on which sales and marketing look, argue and decide."""
