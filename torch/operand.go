package torch

// Number is a Python number: a Go integer, floating-point number, complex number or
// bool, of a named type too. Integers above int64's are for the operators that take
// Python's, such as those that fill tensors of [Uint64]. Where it is optional nil
// stands for the default.
type Number = any

// Operand is a *[Tensor] or a [Number].
type Operand = any

// Sizes is an int for all dimensions alike, or a []int with one for each. Where it
// is optional nil stands for the default.
type Sizes = any
