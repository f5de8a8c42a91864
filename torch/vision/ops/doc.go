// Package ops is torchvision.ops: what detectors do with boxes, and layers that
// networks for images are made of.
//
//	keep := ops.Nms(boxes, scores, 0.5)
//	boxes = boxes.IndexSelect(0, keep)
//
// Where Python has a function and a module of one name, the function is in package
// functional: roi_align is functional.RoIAlign, and RoIAlign is [NewRoIAlign].
//
// Boxes, [Nms] and all layers but those on regions work as they are. RoIPool,
// PSRoIAlign, PSRoIPool, DeformConv2d and the IoU of rotated boxes are operators of
// torchvision's own library, without Python; "gotorch install --with torchvision"
// installs it, and [LoadLibrary] says whether it is there. RoIAlign and Nms are faster
// with it.
//
// https://docs.pytorch.org/vision/stable/ops.html
package ops

import "github.com/wangkuiyi/gotorch/torch/vision/ops/internal/kernels"

// LoadLibrary opens torchvision's library, as functions do that need it. It fails with
// the command that installs it where it is not installed, and with the reason where it
// cannot be opened. Later calls do nothing.
func LoadLibrary() error { return kernels.Load() }
