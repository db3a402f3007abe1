"""How kernels become machine code: linked before they are optimised, in another process where that is wanted."""
