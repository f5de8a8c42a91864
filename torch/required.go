package torch

// mustCall panics with the TypeError of op if f, the function to call, is nil.
func mustCall(op string, f func()) {
	if f == nil {
		panic(Errorf(op, TypeError, "the function is nil"))
	}
}
