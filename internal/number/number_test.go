package number_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/number"
)

type (
	celsius float64
	count   uint16
	rank    int32
	on      bool
	wave    complex64
)

func TestPlainKnowsEveryKindOfNumber(t *testing.T) {
	for _, c := range []struct{ in, want any }{
		{int(-1), int64(-1)}, {int8(-2), int64(-2)}, {int16(-3), int64(-3)}, {int32(-4), int64(-4)}, {int64(math.MinInt64), int64(math.MinInt64)},
		{uint(1), uint64(1)}, {uint8(2), uint64(2)}, {uint16(3), uint64(3)}, {uint32(4), uint64(4)},
		{uint64(math.MaxUint64), uint64(math.MaxUint64)}, {uintptr(5), uint64(5)},
		{float32(0.5), 0.5}, {2.5, 2.5}, {complex64(1i), 1i}, {2i, 2i}, {true, true},
		{celsius(36.6), 36.6}, {count(7), uint64(7)}, {rank(-7), int64(-7)}, {on(true), true}, {wave(1i), 1i},
		{nil, nil}, {"1", nil}, {[]int{1}, nil}, {new(1), nil}, {struct{}{}, nil},
	} {
		assert.Equal(t, c.want, number.Plain(c.in), "%T", c.in)
	}
}

func TestFloatTakesRealNumbers(t *testing.T) {
	for _, v := range []any{2, uint8(2), float32(2), celsius(2), count(2)} {
		got, ok := number.Float(v)
		assert.True(t, ok, "%T", v)
		assert.InDelta(t, 2, got, 0)
	}
	for _, v := range []any{nil, true, 2i, "2"} {
		_, ok := number.Float(v)
		assert.False(t, ok, "%T", v)
	}
}

func TestIntTakesIntegersThatFit(t *testing.T) {
	for _, v := range []any{2, uint64(2), rank(2), count(2)} {
		got, ok := number.Int(v)
		assert.True(t, ok, "%T", v)
		assert.Equal(t, 2, got)
	}
	for _, v := range []any{nil, 2.0, uint64(math.MaxUint64), true} {
		_, ok := number.Int(v)
		assert.False(t, ok, "%T", v)
	}
}
