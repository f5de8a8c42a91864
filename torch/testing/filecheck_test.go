package testing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	torchtesting "github.com/wangkuiyi/gotorch/torch/testing"
)

// The same texts pass as in Python, and the others fail in the same words.
func TestFileCheckIsPythons(t *testing.T) {
	var cases []struct {
		Text   string
		Checks [][]any
		Error  *string
	}
	torchtest.Golden(t, "testdata/filecheck.json", &cases)
	require.Greater(t, len(cases), 30)
	for _, c := range cases {
		f := new(torchtesting.FileCheck)
		for _, check := range c.Checks {
			text := check[1].(string)
			switch method := check[0]; method {
			case "check":
				f.Check(text)
			case "check_not":
				f.CheckNot(text)
			case "check_same":
				f.CheckSame(text)
			case "check_next":
				f.CheckNext(text)
			case "check_count":
				f.CheckCount(text, int(check[2].(float64)), torchtesting.CheckCountOptions{Exactly: len(check) > 3})
			case "check_dag":
				f.CheckDAG(text)
			case "check_regex":
				f.CheckRegex(text)
			case "check_source_highlighted":
				f.CheckSourceHighlighted(text)
			default:
				require.Fail(t, "unknown", method)
			}
		}
		err := f.Run(c.Text)
		if c.Error == nil {
			assert.NoError(t, err, c.Checks)
			continue
		}
		require.Error(t, err, c.Checks)
		first, _, _ := strings.Cut(err.Error(), "\n")
		want := strings.Replace(*c.Error, `"highlighted`, `" highlighted`, 1) // where libtorch forgot a space
		assert.Equal(t, want, first, c.Checks)
	}
}

func TestFileCheckTwice(t *testing.T) {
	f := new(torchtesting.FileCheck).Check("a").CheckNot("b")
	assert.NoError(t, f.Run("a c"))
	assert.Error(t, f.Run("a b"))
	assert.NoError(t, f.Run("b a"))
	assert.NoError(t, new(torchtesting.FileCheck).Run(""))
	assert.Panics(t, func() { f.CheckCount("a", 0) })
	assert.Panics(t, func() { f.CheckCount("a", -1, torchtesting.CheckCountOptions{Exactly: true}) })
	assert.Panics(t, func() { f.CheckRegex("(") })
}

func ExampleFileCheck() {
	const program = "mm(x, y)\nadd(z, y)\nrelu(z)\n"
	fmt.Println(new(torchtesting.FileCheck).Check("mm").CheckNext("add").CheckNot("sub").Run(program))
	fmt.Println(new(torchtesting.FileCheck).Check("mm").CheckNot("add").Check("relu").Run(program))
	// Output:
	// <nil>
	// Expected to not find "add" but found it
	// Searched string:
	// mm(x, y)
	// add(z, y)
	// ~~~ <--- HERE
	// relu(z)
	// From CHECK-NOT: add
}
