"""The app of the example site: pages, blocks, a signer kind and the demo content."""
