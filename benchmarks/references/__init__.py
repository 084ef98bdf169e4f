"""Published and independently computed results, recomputed by the product's own functions; it holds neither data nor results."""
