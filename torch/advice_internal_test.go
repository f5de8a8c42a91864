package torch

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is in Go's words stays so, and names nothing of Python's.
func TestAdviceIsInGo(t *testing.T) {
	assert.Zero(t, len(pythonAdvice)%2)
	for i := 0; i < len(pythonAdvice); i += 2 {
		python, words := pythonAdvice[i], pythonAdvice[i+1]
		assert.Equal(t, words, inGo(python))
		assert.Equal(t, words, inGo(words))
		assert.NotRegexp(t, `=True|=False|\.[a-z_]+\(\)|torch\.[a-z_]+\(|torch\.[a-z]+\.[a-z_]+`, words)
	}
}
