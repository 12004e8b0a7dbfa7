"""The training room: makes the networks that libkb3d ships. The library's build never needs it."""
