package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestModel(t *testing.T) {
	count, bytes := segments(25<<20, 4)
	assert.Equal(t, 7, count) // 25 of 1 MiB, and as many for each process
	assert.InDelta(t, 25<<20/28.0, bytes, 0)
	count, _ = segments(1<<20, 4)
	assert.Equal(t, 2, count)

	for _, c := range []struct {
		latency time.Duration
		want    time.Duration
	}{
		{0, 32146 * time.Microsecond},                      // 2 * 3/4 of 2.68 MB at 125 MB/s
		{time.Millisecond, 32146 * time.Microsecond},       // the line is busy all the time
		{10 * time.Millisecond, 136073 * time.Microsecond}, // 6 rounds of 20 ms, and half of the above
	} {
		net := network{machines: 4, latency: c.latency, rate: gigabit}
		assert.Equal(t, c.want, net.moving(4, buckets...).Round(time.Microsecond), "%v", c.latency)
	}
	assert.InDelta(t, 2*3*2678824.0, wireBytes(4), 0)
}

func TestDistance(t *testing.T) {
	one, two := []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}, []byte{0, 0, 0x80, 0x3f, 0, 0, 0x40, 0xc0} // 1, -2 and 1, -3
	far, err := distance(one, two)
	assert.NoError(t, err)
	assert.InDelta(t, 1.0/3, far, 1e-15)
	_, err = distance(one, two[:4])
	assert.ErrorContains(t, err, "it has 8 bytes, want 4")
}
