"""Other people's runs against our estimates."""
