package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// Where there is no terminal a line comes every ten seconds.
func TestProgressLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newProgress(&out, "Epoch 2/5", 0, 1000)
		p.advance(10, 2, 0.1)
		assert.Empty(t, out.String())
		time.Sleep(10 * time.Second)
		p.advance(190, 1.5, 0.25)
		time.Sleep(5 * time.Second)
		p.advance(200, 1, 0.5)
		p.end()
		assert.Equal(t, "Epoch 2/5: loss 1.5000, accuracy 25.00 %, 20 images/s, 40 s left\n", out.String())
	})
}

// A training that goes on within an epoch does not count the images before.
func TestProgressGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newProgress(&out, "Epoch 1/1", 500, 1000)
		time.Sleep(10 * time.Second)
		p.advance(100, 1, 1)
		assert.Equal(t, "Epoch 1/1: loss 1.0000, accuracy 100.00 %, 10 images/s, 40 s left\n", out.String())
	})
}
