package main

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// Python prints the same losses.
func Example() {
	main()
	// Output:
	// step   0: loss 0.9027
	// step  50: loss 0.0171
	// step 100: loss 0.0001
	// step 150: loss 0.0000
	// [false true true false]
}
