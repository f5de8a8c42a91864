package main

// entry says how an operator is called in Go.
type entry struct {
	op    string // name and overload
	name  string // in Go
	forms string // m: method, f: function, i: in-place method; "" declares the operator only
	doc   string // goes on after the name

	scalar     string // the overload for a number in the place of the second tensor
	operand    bool   // the second tensor may be a number, as in Python, of the same overload
	positional int    // how many arguments after the first are positional, though optional
	variadic   bool   // the last argument is a Go variadic one
}

// table lists the operators in the order of PyTorch's documentation. Those whose
// Go form does not follow from the schema are written by hand in package torch.
var table = []entry{
	// Arithmetic. Both operands broadcast against each other, and the dtype is promoted as in PyTorch.
	{op: "add.Tensor", name: "Add", forms: "mfi", operand: true, doc: "returns x + alpha × other, elementwise."},
	{op: "sub.Tensor", name: "Sub", forms: "mfi", operand: true, doc: "returns x − alpha × other, elementwise."},
	{op: "mul.Tensor", name: "Mul", forms: "mfi", operand: true, doc: "returns x × other, elementwise."},
	{op: "div.Tensor"}, {op: "div_.Tensor"}, {op: "div.Tensor_mode"}, {op: "div_.Tensor_mode"},
	{op: "floor_divide", name: "FloorDivide", forms: "mfi", operand: true, doc: "returns x ÷ other rounded down, elementwise."},
	{op: "remainder.Tensor", scalar: "remainder.Scalar", name: "Remainder", forms: "mfi", doc: "returns the remainder of x ÷ other, with other's sign, as Python's %."},
	{op: "fmod.Tensor", scalar: "fmod.Scalar", name: "Fmod", forms: "mfi", doc: "returns the remainder of x ÷ other, with x's sign, as C's fmod."},
	{op: "pow.Tensor_Tensor", scalar: "pow.Tensor_Scalar", name: "Pow", forms: "mfi", doc: "returns x to the power of exponent, elementwise."},
	{op: "rsub.Tensor", scalar: "rsub.Scalar", name: "Rsub", forms: "mf", doc: "returns other − alpha × x, elementwise."},
	{op: "atan2", name: "Atan2", forms: "mfi", doc: "returns the angle, in radians, of the point (other, x), elementwise."},
	{op: "maximum", name: "Maximum", forms: "mf", doc: "returns the greater of x and other, elementwise; NaN wins."},
	{op: "minimum", name: "Minimum", forms: "mf", doc: "returns the smaller of x and other, elementwise; NaN wins."},
	{op: "lerp.Tensor", scalar: "", name: "Lerp", forms: "mfi", doc: "returns x + weight × (end − x), elementwise."},
	{op: "addcmul", name: "Addcmul", forms: "mfi", doc: "returns x + value × tensor1 × tensor2, elementwise."},
	{op: "addcdiv", name: "Addcdiv", forms: "mfi", doc: "returns x + value × tensor1 ÷ tensor2, elementwise."},
	{op: "clamp", name: "Clamp", forms: "mfi", positional: 2, doc: "returns x limited to the range from min to max; nil leaves a side open."},

	// Comparison. The result is a Bool tensor.
	{op: "eq.Tensor", scalar: "eq.Scalar", name: "Eq", forms: "mf", doc: "returns whether x equals other, elementwise, as a Bool tensor."},
	{op: "ne.Tensor", scalar: "ne.Scalar", name: "Ne", forms: "mf", doc: "returns whether x differs from other, elementwise, as a Bool tensor."},
	{op: "lt.Tensor", scalar: "lt.Scalar", name: "Lt", forms: "mf", doc: "returns whether x < other, elementwise, as a Bool tensor."},
	{op: "le.Tensor", scalar: "le.Scalar", name: "Le", forms: "mf", doc: "returns whether x ≤ other, elementwise, as a Bool tensor."},
	{op: "gt.Tensor", scalar: "gt.Scalar", name: "Gt", forms: "mf", doc: "returns whether x > other, elementwise, as a Bool tensor."},
	{op: "ge.Tensor", scalar: "ge.Scalar", name: "Ge", forms: "mf", doc: "returns whether x ≥ other, elementwise, as a Bool tensor."},
	{op: "equal", name: "Equal", forms: "mf", doc: "reports whether x and other have the same shape and elements. It waits for the device."},
	{op: "allclose", name: "AllClose", forms: "mf", doc: "reports whether all elements satisfy |x − other| ≤ atol + rtol × |other|. It waits for the device."},
	{op: "isclose", name: "IsClose", forms: "mf", doc: "returns whether |x − other| ≤ atol + rtol × |other|, elementwise, as a Bool tensor."},
	{op: "isnan", name: "IsNaN", forms: "mf", doc: "returns which elements are NaN, as a Bool tensor."},
	{op: "isinf", name: "IsInf", forms: "mf", doc: "returns which elements are infinite, as a Bool tensor."},
	{op: "isfinite", name: "IsFinite", forms: "mf", doc: "returns which elements are neither infinite nor NaN, as a Bool tensor."},
	{op: "where.self", name: "Where", forms: "f", doc: "returns the elements of self where condition holds and those of other elsewhere; all three broadcast."},
	{op: "logical_and", name: "LogicalAnd", forms: "mf", doc: "returns whether both elements are nonzero, as a Bool tensor."},
	{op: "logical_or", name: "LogicalOr", forms: "mf", doc: "returns whether either element is nonzero, as a Bool tensor."},
	{op: "logical_xor", name: "LogicalXor", forms: "mf", doc: "returns whether just one of the elements is nonzero, as a Bool tensor."},
	{op: "logical_not", name: "LogicalNot", forms: "mf", doc: "returns which elements are zero, as a Bool tensor."},

	// Functions of one element.
	{op: "abs", name: "Abs", forms: "mfi", doc: "returns the absolute value of each element."},
	{op: "neg", name: "Neg", forms: "mfi", doc: "returns −x."},
	{op: "sign", name: "Sign", forms: "mfi", doc: "returns the sign of each element: −1, 0 or 1."},
	{op: "square", name: "Square", forms: "mfi", doc: "returns the square of each element."},
	{op: "sqrt", name: "Sqrt", forms: "mfi", doc: "returns the square root of each element; NaN for negative ones."},
	{op: "rsqrt", name: "Rsqrt", forms: "mfi", doc: "returns 1 ÷ √x, elementwise."},
	{op: "reciprocal", name: "Reciprocal", forms: "mfi", doc: "returns 1 ÷ x, elementwise."},
	{op: "exp", name: "Exp", forms: "mfi", doc: "returns e to the power of each element."},
	{op: "exp2", name: "Exp2", forms: "mfi", doc: "returns 2 to the power of each element."},
	{op: "expm1", name: "Expm1", forms: "mfi", doc: "returns exp(x) − 1, accurate near 0."},
	{op: "log", name: "Log", forms: "mfi", doc: "returns the natural logarithm of each element."},
	{op: "log2", name: "Log2", forms: "mfi", doc: "returns the logarithm of each element to base 2."},
	{op: "log10", name: "Log10", forms: "mfi", doc: "returns the logarithm of each element to base 10."},
	{op: "log1p", name: "Log1p", forms: "mfi", doc: "returns log(1 + x), accurate near 0."},
	{op: "sin", name: "Sin", forms: "mfi", doc: "returns the sine of each element, in radians."},
	{op: "cos", name: "Cos", forms: "mfi", doc: "returns the cosine of each element, in radians."},
	{op: "tan", name: "Tan", forms: "mfi", doc: "returns the tangent of each element, in radians."},
	{op: "asin", name: "Asin", forms: "mfi", doc: "returns the arcsine of each element, in radians."},
	{op: "acos", name: "Acos", forms: "mfi", doc: "returns the arccosine of each element, in radians."},
	{op: "atan", name: "Atan", forms: "mfi", doc: "returns the arctangent of each element, in radians."},
	{op: "sinh", name: "Sinh", forms: "mfi", doc: "returns the hyperbolic sine of each element."},
	{op: "cosh", name: "Cosh", forms: "mfi", doc: "returns the hyperbolic cosine of each element."},
	{op: "tanh", name: "Tanh", forms: "mfi", doc: "returns the hyperbolic tangent of each element."},
	{op: "sigmoid", name: "Sigmoid", forms: "mfi", doc: "returns 1 ÷ (1 + exp(−x)), elementwise."},
	{op: "relu", name: "ReLU", forms: "mfi", doc: "returns the greater of x and 0, elementwise."},
	{op: "erf", name: "Erf", forms: "mfi", doc: "returns the error function of each element."},
	{op: "ceil", name: "Ceil", forms: "mfi", doc: "returns each element rounded up."},
	{op: "floor", name: "Floor", forms: "mfi", doc: "returns each element rounded down."},
	{op: "round", name: "Round", forms: "mfi", doc: "returns each element rounded to the nearest integer, halves to the even one."},
	{op: "trunc", name: "Trunc", forms: "mfi", doc: "returns each element rounded towards 0."},
	{op: "softmax.int", name: "Softmax", forms: "mf", doc: "returns exp(x) scaled to a sum of 1 along dim."},
	{op: "log_softmax.int", name: "LogSoftmax", forms: "mf", doc: "returns the logarithm of Softmax, computed without overflow."},
	{op: "real", name: "Real", forms: "mf", doc: "returns the real parts. The result is a view of x."},
	{op: "imag", name: "Imag", forms: "mf", doc: "returns the imaginary parts of a complex tensor. The result is a view of x."},
	{op: "resolve_conj", name: "ResolveConj", forms: "mf", doc: "returns x with a pending conjugation carried out."},

	// Matrices.
	{op: "matmul", name: "Matmul", forms: "mf", doc: "returns the matrix product of x and other; dimensions before the last two are batches and broadcast."},
	{op: "mm", name: "Mm", forms: "mf", doc: "returns the product of the matrices x (n × m) and mat2 (m × p), n × p."},
	{op: "bmm", name: "Bmm", forms: "mf", doc: "returns the products of batches of matrices, (b × n × m) and (b × m × p)."},
	{op: "mv", name: "Mv", forms: "mf", doc: "returns the product of the matrix x (n × m) and the vector vec (m), n elements."},
	{op: "dot", name: "Dot", forms: "mf", doc: "returns the inner product of two vectors, without dimensions."},
	{op: "outer", name: "Outer", forms: "mf", doc: "returns the outer product of two vectors."},
	{op: "addmm", name: "Addmm", forms: "mfi", doc: "returns beta × x + alpha × (mat1 · mat2)."},
	{op: "t", name: "T", forms: "mf", doc: "returns the transpose of a matrix. The result is a view of x."},
	{op: "tril", name: "Tril", forms: "mfi", doc: "returns the lower triangle of the matrices in x, the rest 0."},
	{op: "triu", name: "Triu", forms: "mfi", doc: "returns the upper triangle of the matrices in x, the rest 0."},

	// Reductions with a form of their own; the others are in reduce.go.
	{op: "sum"}, {op: "sum.dim_IntList"}, {op: "mean"}, {op: "mean.dim"}, {op: "prod"}, {op: "prod.dim_int"},
	{op: "std.correction"}, {op: "var.correction"}, {op: "max"}, {op: "min"}, {op: "argmax"}, {op: "argmin"},
	{op: "all"}, {op: "all.dim"}, {op: "any"}, {op: "any.dim"}, {op: "norm.ScalarOpt_dim"}, {op: "norm.Scalar"},
	{op: "cumsum", name: "Cumsum", forms: "mf", doc: "returns the running sums along dim."},
	{op: "cumprod", name: "Cumprod", forms: "mf", doc: "returns the running products along dim."},
	{op: "logsumexp", name: "LogSumExp", forms: "mf", doc: "returns the logarithm of the sums of exponentials along the dimensions dim."},
	{op: "max.dim", name: "MaxDim", forms: "mf", doc: "returns the greatest elements along dim and their indices (Int64)."},
	{op: "min.dim", name: "MinDim", forms: "mf", doc: "returns the smallest elements along dim and their indices (Int64)."},
	{op: "amax", name: "Amax", forms: "mf", positional: 1, doc: "returns the greatest elements along the dimensions dim; an empty list means all."},
	{op: "amin", name: "Amin", forms: "mf", positional: 1, doc: "returns the smallest elements along the dimensions dim; an empty list means all."},
	{op: "topk", name: "TopK", forms: "mf", doc: "returns the k greatest elements along dim, sorted, and their indices (Int64)."},
	{op: "sort", name: "Sort", forms: "mf", doc: "returns the elements sorted along dim and their indices (Int64)."},
	{op: "argsort", name: "Argsort", forms: "mf", doc: "returns the indices (Int64) that sort the elements along dim."},

	// Shapes. Results are views of x unless said otherwise.
	{op: "view", name: "View", forms: "m", variadic: true, doc: "returns x with another shape, as a view; one size may be −1. It panics where x's strides do not allow it; Reshape copies then."},
	{op: "reshape", name: "Reshape", forms: "mf", variadic: true, doc: "returns x with another shape; one size may be −1. The result is a view of x where its strides allow it, else a copy."},
	{op: "permute", name: "Permute", forms: "mf", variadic: true, doc: "returns x with its dimensions in another order, as a view."},
	{op: "transpose.int", name: "Transpose", forms: "mf", doc: "returns x with two dimensions exchanged, as a view."},
	{op: "unsqueeze", name: "Unsqueeze", forms: "mf", doc: "returns x with a dimension of size 1 inserted at dim, as a view."},
	{op: "expand", name: "Expand", forms: "m", variadic: true, doc: "returns x with dimensions of size 1 repeated, as a view that uses no memory; −1 leaves a size."},
	{op: "expand_as", name: "ExpandAs", forms: "m", doc: "returns x expanded to other's shape, as a view."},
	{op: "view_as", name: "ViewAs", forms: "m", doc: "returns x with other's shape, as a view."},
	{op: "select.int", name: "Select", forms: "mf", doc: "returns x at one index of dim, without that dimension, as a view."},
	{op: "narrow", name: "Narrow", forms: "mf", doc: "returns x from index start on along dim, length long, as a view."},
	{op: "movedim.int", name: "Movedim", forms: "mf", doc: "returns x with one dimension moved, as a view."},
	{op: "unbind.int", name: "Unbind", forms: "mf", positional: 1, doc: "returns x at every index of dim, without that dimension, as views."},
	{op: "chunk", name: "Chunk", forms: "mf", positional: 2, doc: "returns x cut into chunks parts along dim, as views; the last may be shorter."},
	{op: "split.Tensor", name: "Split", forms: "mf", positional: 2, doc: "returns x cut along dim into parts of split_size, as views; the last may be shorter."},
	{op: "diagonal", name: "Diagonal", forms: "mf", doc: "returns the diagonal of dim1 and dim2 as the last dimension, as a view."},
	{op: "repeat", name: "Repeat", forms: "m", variadic: true, doc: "returns copies of x laid side by side, repeats[i] times along dimension i."},
	{op: "flip", name: "Flip", forms: "mf", variadic: true, doc: "returns a copy of x reversed along the given dimensions."},
	{op: "cat", name: "Cat", forms: "f", positional: 1, doc: "returns the tensors joined along dim, in a new tensor."},
	{op: "stack", name: "Stack", forms: "f", positional: 1, doc: "returns the tensors joined along a new dimension dim, in a new tensor."},

	// Picking elements.
	{op: "index_select", name: "IndexSelect", forms: "mf", doc: "returns a copy of x at the indices (one dimension, Int64 or Int32) of dim."},
	{op: "gather", name: "Gather", forms: "mf", doc: "returns, for each element of index (Int64), x's element at that index of dim."},
	{op: "masked_select", name: "MaskedSelect", forms: "mf", doc: "returns a copy of the elements where the Bool mask holds, in one dimension."},
	{op: "masked_fill.Scalar", name: "MaskedFill", forms: "mi", doc: "returns a copy of x with value where the Bool mask holds."},
	{op: "nonzero", name: "Nonzero", forms: "mf", doc: "returns the indices (Int64) of the nonzero elements, a row each."},

	// Copies and changes.
	{op: "clone", name: "Clone", forms: "mf", doc: "returns a copy of x that gradients flow through."},
	{op: "contiguous", name: "Contiguous", forms: "m", doc: "returns x, or a copy of it if its elements are not in row-major order."},
	{op: "detach", name: "Detach", forms: "m", doc: "returns x cut off from its graph, as a view that does not require gradients."},
	{op: "data", name: "Data", forms: "m", doc: "returns x cut off from its graph, as a view whose changes autograd does not notice; Detach is safer."},
	{op: "pin_memory", name: "PinMemory", forms: "m", doc: "returns a copy of x in page-locked memory, from which copies to CUDA are fast. It panics without CUDA."},
	{op: "zero_"}, {op: "fill_.Scalar"}, {op: "fill_.Tensor"}, {op: "copy_"}, {op: "set_data"},
	{op: "uniform_"}, {op: "normal_"},
	{op: "to.dtype_layout"}, {op: "squeeze"}, {op: "squeeze.dim"}, {op: "flatten.using_ints"}, {op: "slice.Tensor"},
	{op: "isreal", name: "IsReal", forms: "mf", doc: "returns which elements have no imaginary part, as a Bool tensor."},
}
