package library_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/library"
)

// What a call costs by name, and by an operator in Go that makes the same call.
func BenchmarkCall(b *testing.B) {
	add, err := torch.Op("aten::add.Tensor")
	if err != nil {
		b.Fatal(err)
	}
	op, err := library.Define("libtest::bench(Tensor x, Tensor y) -> Tensor", func(in library.Args) []any {
		return []any{in.Tensor("x").Add(in.Tensor("y"))}
	})
	if err != nil {
		b.Fatal(err)
	}
	defer op.Close()
	x := torch.Ones([]int{4, 4})
	args := []any{x, x}
	for _, c := range []struct {
		name string
		op   *torch.OpOverload
	}{{"aten", add}, {"go", op.Op()}} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				torch.Scope(func() { _, err = c.op.Call(args, nil) })
			}
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}
