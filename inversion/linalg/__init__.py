"""Linear maps and covariances of numpy and scipy alone; arrays come in, arrays go out."""
