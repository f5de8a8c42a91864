package argument_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

func TestNotNil(t *testing.T) {
	for _, v := range []any{nil, (*int)(nil), (func())(nil)} {
		assert.True(t, argument.IsNil(v))
		err := torch.Try(func() { argument.NotNil("pkg.F", "the argument", v) })
		assert.EqualError(t, err, "pkg.F: the argument must not be nil")
		assert.ErrorIs(t, err, &torch.Error{Kind: torch.TypeError})
	}
	for _, v := range []any{0, "", new(int), func() {}, []int(nil)} {
		assert.False(t, argument.IsNil(v))
		argument.NotNil("pkg.F", "the argument", v)
	}
}
