package transforms_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// TestNilTransformsAreRefused where they are given, not where they are called.
func TestNilTransformsAreRefused(t *testing.T) {
	of := func(call func(), words string) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: torch.TypeError, Words: words}
	}
	flip, none := transforms.NewRandomHorizontalFlip(), (*transforms.Lambda)(nil)
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"Lambda":       of(func() { transforms.NewLambda(nil) }, "the function must not be nil"),
		"Compose":      of(func() { transforms.NewCompose(flip, none) }, "transform 1 must not be nil"),
		"RandomApply":  of(func() { transforms.NewRandomApply([]transforms.Transform{nil}) }, "transform 0 must not be nil"),
		"RandomChoice": of(func() { transforms.NewRandomChoice([]transforms.Transform{nil}) }, "transform 0 must not be nil"),
		"RandomOrder":  of(func() { transforms.NewRandomOrder(nil, flip) }, "transform 0 must not be nil"),
		"FromImage":    of(func() { functional.FromImage(nil) }, "the image must not be nil"),
	})
	assert.Contains(t, new(transforms.Resize).String(), "antialias=True")
}
