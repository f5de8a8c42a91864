// Package functional has the functions of torchvision.ops that a module of package
// ops has the name of: operators on regions, deformable convolutions, and what drops
// parts of tensors. The others are in package ops.
//
//	y := functional.RoIAlign(features, boxes, 7, functional.RoIAlignOptions{SpatialScale: new(0.25)})
//
// RoIPool, PSRoIAlign, PSRoIPool and DeformConv2d are operators of torchvision's own
// library, which "gotorch install --with torchvision" installs; without it they panic
// with an error that says so. RoIAlign computes the same without it, in more memory
// and time.
//
// https://docs.pytorch.org/vision/stable/ops.html
package functional
