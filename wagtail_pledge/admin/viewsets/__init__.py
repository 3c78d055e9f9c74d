"""What the menu "Campaigns" holds, one file a model."""
