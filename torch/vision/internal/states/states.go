// Package states reads states of older versions of torchvision.
package states

import (
	"strings"

	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Rename puts a word between prefix and "weight" or "bias" in a state dict: the
// names of convolutions that were alone in an older version of torchvision, and are
// the first of a row now.
func Rename(dict *nn.StateDict, prefix, word string) {
	for i := range *dict {
		item := &(*dict)[i]
		if name, ok := strings.CutPrefix(item.Name, prefix); ok && (name == "weight" || name == "bias") {
			item.Name = prefix + word + name
		}
	}
}
