package main

// entry says how an operator is called in Go. The tables list the operators in
// the order of PyTorch's documentation; the rules for what an entry leaves out
// are in operator.go.
type entry struct {
	op    string // name and overload; a name that ends in "_" has an in-place form only
	doc   string // goes on after the name
	name  string // in Go; default: op's, in CamelCase
	alias string // op is another name for this one of the table
	page  string // of PyTorch's documentation, where it is not op's; "-": there is none
	forms string // m: method, f: function, i: in-place method; default: as in Python

	number     string   // the overload for a number in the place of the second tensor
	str        string   // the overload for a str in the place of sizes
	operand    bool     // further tensors may be numbers, as in Python, of the same overload
	left       []string // the overloads for a number as the function's first argument
	more       []string // the overload with further arguments, which are options, and that for a number in the place of the second tensor
	positional int      // how many arguments after the first are positional, though optional
	variadic   bool     // the last argument is a Go variadic one
}

// only is left's value with one overload.
func only(op string) []string { return []string{op} }

const pointwiseByHand = "div.Tensor div_.Tensor div.Tensor_mode div_.Tensor_mode round.decimals round_.decimals"

var pointwise = []entry{
	// Arithmetic. Both operands broadcast against each other, and the dtype is promoted as in PyTorch.
	{op: "add.Tensor", operand: true, doc: "returns x + alpha × other, elementwise."},
	{op: "sub.Tensor", operand: true, doc: "returns x − alpha × other, elementwise."},
	{op: "subtract", alias: "sub.Tensor"},
	{op: "mul.Tensor", operand: true, doc: "returns x × other, elementwise."},
	{op: "multiply", alias: "mul.Tensor"},
	{op: "true_divide.Tensor", operand: true, doc: "returns x ÷ other, elementwise; integers are divided as floating-point numbers."},
	{op: "floor_divide", operand: true, doc: "returns x ÷ other rounded down, elementwise."},
	{op: "remainder.Tensor", number: "remainder.Scalar", left: only("remainder.Scalar_Tensor"), doc: "returns the remainder of x ÷ other, with other's sign, as Python's %."},
	{op: "fmod.Tensor", number: "fmod.Scalar", doc: "returns the remainder of x ÷ other, with x's sign, as C's fmod."},
	{op: "pow.Tensor_Tensor", number: "pow.Tensor_Scalar", left: only("pow.Scalar"), doc: "returns x to the power of exponent, elementwise."},
	{op: "float_power.Tensor_Tensor", number: "float_power.Tensor_Scalar", left: only("float_power.Scalar"), doc: "returns x to the power of exponent, elementwise, computed in Float64 or Complex128."},
	{op: "rsub.Tensor", page: "torch.sub", number: "rsub.Scalar", forms: "mf", doc: "returns other − alpha × x, elementwise."},
	{op: "atan2", doc: "returns the angle, in radians, of the point (other, x), elementwise."},
	{op: "arctan2", alias: "atan2"},
	{op: "hypot", doc: "returns √(x² + other²), elementwise."},
	{op: "copysign.Tensor", number: "copysign.Scalar", doc: "returns x with other's sign, elementwise."},
	{op: "nextafter", doc: "returns the floating-point number next to x in the direction of other, elementwise."},
	{op: "ldexp.Tensor", doc: "returns x × 2 to the power of other, elementwise."},
	{op: "xlogy.Tensor", number: "xlogy.Scalar_Other", left: only("xlogy.Scalar_Self"), doc: "returns x × log(other), elementwise; 0 where x is 0, and NaN where other is NaN."},
	{op: "logaddexp", doc: "returns log(exp(x) + exp(other)), elementwise, without overflow."},
	{op: "logaddexp2", doc: "returns log₂(2ˣ + 2 to the power of other), elementwise, without overflow."},
	{op: "gcd", doc: "returns the greatest common divisor of two integers, elementwise."},
	{op: "lcm", doc: "returns the least common multiple of two integers, elementwise."},
	{op: "heaviside", doc: "returns 0 where x is negative, 1 where it is positive, and values where it is 0, elementwise."},
	{op: "maximum", doc: "returns the greater of x and other, elementwise; NaN wins."},
	{op: "minimum", doc: "returns the smaller of x and other, elementwise; NaN wins."},
	{op: "fmax", doc: "returns the greater of x and other, elementwise; a number wins over NaN."},
	{op: "fmin", doc: "returns the smaller of x and other, elementwise; a number wins over NaN."},
	{op: "lerp.Tensor", number: "lerp.Scalar", doc: "returns x + weight × (end − x), elementwise."},
	{op: "addcmul", doc: "returns x + value × tensor1 × tensor2, elementwise."},
	{op: "addcdiv", doc: "returns x + value × tensor1 ÷ tensor2, elementwise."},
	{op: "clamp.Tensor", number: "clamp", positional: 2, doc: "returns x limited to the range from min to max, numbers or tensors; nil leaves a side open."},
	{op: "clip", alias: "clamp.Tensor"},
	{op: "clamp_min.Tensor", page: "torch.clamp", number: "clamp_min", doc: "returns the greater of x and min, elementwise."},
	{op: "clamp_max.Tensor", page: "torch.clamp", number: "clamp_max", doc: "returns the smaller of x and max, elementwise."},

	// Functions of one element.
	{op: "abs", doc: "returns the absolute value of each element."},
	{op: "absolute", alias: "abs"},
	{op: "neg", doc: "returns −x."},
	{op: "negative", alias: "neg"},
	{op: "positive", doc: "returns x itself, as a new reference. It panics for a Bool tensor."},
	{op: "sign", doc: "returns the sign of each element: −1, 0 or 1."},
	{op: "sgn", doc: "returns the sign of each element, for complex ones x ÷ |x|, and 0 for 0."},
	{op: "signbit", doc: "returns which elements are negative or −0, as a Bool tensor."},
	{op: "square", doc: "returns the square of each element."},
	{op: "sqrt", doc: "returns the square root of each element; NaN for negative ones."},
	{op: "rsqrt", doc: "returns 1 ÷ √x, elementwise."},
	{op: "reciprocal", doc: "returns 1 ÷ x, elementwise."},
	{op: "exp", doc: "returns e to the power of each element."},
	{op: "exp2", doc: "returns 2 to the power of each element."},
	{op: "expm1", doc: "returns exp(x) − 1, accurate near 0."},
	{op: "log", doc: "returns the natural logarithm of each element."},
	{op: "log2", doc: "returns the logarithm of each element to base 2."},
	{op: "log10", doc: "returns the logarithm of each element to base 10."},
	{op: "log1p", doc: "returns log(1 + x), accurate near 0."},
	{op: "sin", doc: "returns the sine of each element, in radians."},
	{op: "cos", doc: "returns the cosine of each element, in radians."},
	{op: "tan", doc: "returns the tangent of each element, in radians."},
	{op: "asin", doc: "returns the arcsine of each element, in radians."},
	{op: "arcsin", alias: "asin"},
	{op: "acos", doc: "returns the arccosine of each element, in radians."},
	{op: "arccos", alias: "acos"},
	{op: "atan", doc: "returns the arctangent of each element, in radians."},
	{op: "arctan", alias: "atan"},
	{op: "sinh", doc: "returns the hyperbolic sine of each element."},
	{op: "cosh", doc: "returns the hyperbolic cosine of each element."},
	{op: "tanh", doc: "returns the hyperbolic tangent of each element."},
	{op: "asinh", doc: "returns the inverse hyperbolic sine of each element."},
	{op: "arcsinh", alias: "asinh"},
	{op: "acosh", doc: "returns the inverse hyperbolic cosine of each element; NaN below 1."},
	{op: "arccosh", alias: "acosh"},
	{op: "atanh", doc: "returns the inverse hyperbolic tangent of each element; NaN outside of [−1, 1]."},
	{op: "arctanh", alias: "atanh"},
	{op: "sinc", doc: "returns sin(πx) ÷ (πx), elementwise, and 1 for 0."},
	{op: "sigmoid", doc: "returns 1 ÷ (1 + exp(−x)), elementwise."},
	{op: "logit", doc: "returns log(x ÷ (1 − x)), elementwise; with eps x is first limited to [eps, 1 − eps]."},
	{op: "relu", page: "torch.nn.functional.relu", name: "ReLU", doc: "returns the greater of x and 0, elementwise."},
	{op: "erf", doc: "returns the error function of each element."},
	{op: "erfc", doc: "returns 1 − erf(x), elementwise."},
	{op: "erfinv", doc: "returns the inverse of the error function of each element; NaN outside of [−1, 1]."},
	{op: "lgamma", doc: "returns the logarithm of the absolute value of the gamma function of each element."},
	{op: "digamma", doc: "returns the derivative of the logarithm of the gamma function of each element."},
	{op: "polygamma", forms: "f", doc: "returns the n-th derivative of the digamma function of each element of x; n is not negative."},
	{op: "polygamma_", doc: "is Polygamma of order n that writes its result into x and returns x."},
	{op: "mvlgamma", doc: "returns the logarithm of the p-dimensional gamma function of each element."},
	{op: "igamma", doc: "returns the regularised lower incomplete gamma function of x and other, elementwise."},
	{op: "igammac", doc: "returns the regularised upper incomplete gamma function of x and other, elementwise."},
	{op: "i0", name: "I0", doc: "returns the modified Bessel function of the first kind, of order 0, of each element."},
	{op: "ceil", doc: "returns each element rounded up."},
	{op: "floor", doc: "returns each element rounded down."},
	{op: "round", doc: "returns each element rounded to the nearest integer, halves to the even one. RoundTo rounds to decimals."},
	{op: "trunc", doc: "returns each element rounded towards 0."},
	{op: "fix", alias: "trunc"},
	{op: "frac", doc: "returns x − trunc(x), elementwise."},
	{op: "frexp.Tensor", doc: "returns x as mantissa × 2 to the power of exponent (Int32), elementwise."},
	{op: "nan_to_num", name: "NaNToNum", doc: "returns x with NaN and the infinities replaced: by 0 and the dtype's greatest and lowest numbers unless options give others."},
	{op: "deg2rad", doc: "returns each element converted from degrees to radians."},
	{op: "rad2deg", doc: "returns each element converted from radians to degrees."},
	{op: "softmax.int", doc: "returns exp(x) scaled to a sum of 1 along dim."},
	{op: "log_softmax.int", page: "torch.nn.functional.log_softmax", doc: "returns the logarithm of Softmax, computed without overflow."},

	// Complex numbers.
	{op: "real", forms: "mf", doc: "returns the real parts. The result is a view of x."},
	{op: "imag", forms: "mf", doc: "returns the imaginary parts of a complex tensor. The result is a view of x."},
	{op: "angle", doc: "returns the angle of each element in the complex plane, in radians."},
	{op: "conj", doc: "returns the complex conjugates, as a view of x whose conjugation is carried out when it is used."},
	{op: "conj_physical", doc: "returns the complex conjugates, in a new tensor."},
	{op: "resolve_conj", doc: "returns x with a pending conjugation carried out."},
	{op: "resolve_neg", doc: "returns x with a pending negation carried out."},
	{op: "view_as_real", doc: "returns a complex x as a real view with a last dimension of size 2: real and imaginary parts."},
	{op: "view_as_complex", doc: "returns a real x, whose last dimension has size 2, as a complex view without that dimension."},
	{op: "complex", doc: "returns a complex tensor from its real and imaginary parts, which have the same dtype."},
	{op: "polar", doc: "returns a complex tensor from absolute values and angles in radians."},

	// Bits.
	{op: "bitwise_not", doc: "returns the complement of each integer; of Bool, its negation."},
	{op: "bitwise_and.Tensor", number: "bitwise_and.Scalar", left: only("bitwise_and.Scalar_Tensor"), doc: "returns x AND other of each pair of integers or Bools."},
	{op: "bitwise_or.Tensor", number: "bitwise_or.Scalar", left: only("bitwise_or.Scalar_Tensor"), doc: "returns x OR other of each pair of integers or Bools."},
	{op: "bitwise_xor.Tensor", number: "bitwise_xor.Scalar", left: only("bitwise_xor.Scalar_Tensor"), doc: "returns x XOR other of each pair of integers or Bools."},
	{op: "bitwise_left_shift.Tensor", number: "bitwise_left_shift.Tensor_Scalar", left: only("bitwise_left_shift.Scalar_Tensor"), doc: "returns the integers of x shifted left by other bits."},
	{op: "bitwise_right_shift.Tensor", number: "bitwise_right_shift.Tensor_Scalar", left: only("bitwise_right_shift.Scalar_Tensor"), doc: "returns the integers of x shifted right by other bits, keeping the sign."},

	// Numbers drawn by the elements of x.
	{op: "bernoulli", doc: "returns 0 or 1 for each element, drawn with the element as the probability of 1."},
	{op: "bernoulli.p", name: "BernoulliP", forms: "mf", doc: "returns 0 or 1 for each element of x, drawn with the probability p of 1."},
	{op: "bernoulli_.float", name: "BernoulliInplace", doc: "sets each element to 0 or 1, drawn with the probability p of 1, and returns x."},
	{op: "cauchy_", doc: "sets the elements to numbers drawn from the Cauchy distribution and returns x."},
	{op: "exponential_", doc: "sets the elements to numbers drawn from the exponential distribution of rate lambd and returns x."},
	{op: "geometric_", doc: "sets the elements to numbers drawn from the geometric distribution of probability p and returns x."},
	{op: "log_normal_", doc: "sets the elements to exponentials of numbers drawn from the normal distribution and returns x."},
	{op: "random_", doc: "sets the elements to integers drawn evenly from those that the dtype holds exactly and returns x."},
	{op: "random_.from", name: "RandomRangeInplace", doc: "sets the elements to integers drawn evenly from [from, to) and returns x."},
	{op: "multinomial", doc: "returns num_samples indices (Int64) for each row of x, drawn with the row's elements as weights."},
	{op: "poisson", doc: "returns numbers drawn from the Poisson distributions whose rates are the elements of x."},
	{op: "binomial", page: "-", doc: "returns numbers drawn from binomial distributions of count trials of probability prob."},
}
