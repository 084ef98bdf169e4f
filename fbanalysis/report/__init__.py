"""What readers see: records, sentences, slides, charts and the finished files."""
