"""The real parts, started and read: what the tests share with each other, the demo and the benchmarks."""
