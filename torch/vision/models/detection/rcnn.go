package detection

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Target is what there is in an image, to learn from.
type Target struct {
	Boxes  *torch.Tensor // n × 4 (x1, y1, x2, y2) in pixels, of a floating dtype; 0 × 4 where there is nothing
	Labels *torch.Tensor // n classes from 1 on, Int64
}

// Detection is what was found in an image, the surest first.
type Detection struct {
	Boxes  *torch.Tensor // n × 4 (x1, y1, x2, y2) in pixels
	Labels *torch.Tensor // n classes from 1 on, Int64
	Scores *torch.Tensor // n probabilities
}

// Losses are what training makes small.
type Losses struct {
	Classifier *torch.Tensor // of the classes of boxes: Python's loss_classifier
	BoxReg     *torch.Tensor // of the boxes: loss_box_reg
	Objectness *torch.Tensor // of whether there is a thing: loss_objectness
	RPNBoxReg  *torch.Tensor // of the proposed boxes: loss_rpn_box_reg
}

// Sum returns the sum of the losses.
func (l Losses) Sum() *torch.Tensor {
	return l.Classifier.Add(l.BoxReg).Add(l.Objectness).Add(l.RPNBoxReg)
}

// flatten returns the tensors of detections.
func flatten(found []Detection) []*torch.Tensor {
	var list []*torch.Tensor
	for _, d := range found {
		list = append(list, d.Boxes, d.Labels, d.Scores)
	}
	return list
}

// unflatten returns the detections of their tensors.
func unflatten(list []*torch.Tensor) []Detection {
	var found []Detection
	for d := range slices.Chunk(list, 3) {
		found = append(found, Detection{d[0], d[1], d[2]})
	}
	return found
}

// GeneralizedRCNN is a detector that proposes boxes and then looks into them.
type GeneralizedRCNN struct {
	nn.Module
	Transform *GeneralizedRCNNTransform
	Backbone  Backbone
	RPN       *RegionProposalNetwork `nn:"rpn"`
	RoIHeads  *RoIHeads              `nn:"roi_heads"`
}

// Forward returns, in training mode, the losses of images with targets, and in
// evaluation mode what is found in images, with boxes in their pixels; the other result
// is zero. Images are 3 × height × width, from 0 to 1, of a floating dtype and any sizes.
// It panics if there are no images, if in training mode there is not a target for each,
// and on boxes that are empty or not n × 4.
func (g *GeneralizedRCNN) Forward(images []*torch.Tensor, targets []Target) (losses Losses, found []Detection) {
	g.check(images, targets)
	results := g.RunAll(func(images []*torch.Tensor) []*torch.Tensor { return g.forward(images, targets) }, images...)
	if g.IsTraining() {
		return Losses{results[0], results[1], results[2], results[3]}, nil
	}
	return Losses{}, unflatten(results)
}

func (g *GeneralizedRCNN) refuse(format string, args ...any) {
	panic(torch.Errorf("detection."+nn.TypeName(g), torch.ValueError, format, args...))
}

func (g *GeneralizedRCNN) check(images []*torch.Tensor, targets []Target) {
	switch {
	case len(images) == 0:
		g.refuse("images list should not be empty")
	case targets == nil && g.IsTraining():
		g.refuse("targets should not be none when in training mode")
	case targets != nil && len(targets) != len(images):
		g.refuse("there are %d targets for %d images", len(targets), len(images))
	}
	for i, t := range targets {
		if t.Boxes == nil || t.Labels == nil {
			g.refuse("target %d needs Boxes and Labels", i)
		}
		if t.Boxes.Dim() != 2 || t.Boxes.Size(1) != 4 {
			g.refuse("Expected target boxes to be a tensor of shape [N, 4], got %v.", t.Boxes.Shape())
		}
		if t.Labels.Dim() != 1 || t.Labels.Size(0) != t.Boxes.Size(0) {
			g.refuse("Expected a label for each of %d target boxes, got labels of shape %v.", t.Boxes.Size(0), t.Labels.Shape())
		}
	}
}

func (g *GeneralizedRCNN) forward(images []*torch.Tensor, targets []Target) []*torch.Tensor {
	original := make([][2]int, len(images))
	for i, image := range images {
		if image.Dim() < 2 {
			g.refuse("expecting the last two dimensions of the Tensor to be H and W instead got %v", image.Shape())
		}
		original[i] = sizeOf(image)
	}
	list, targets := g.Transform.Forward(images, targets)
	for i, t := range targets {
		empty := t.Boxes.Narrow(1, 2, 2).Le(t.Boxes.Narrow(1, 0, 2)).Any(1)
		if first := torch.WhereNonzero(empty)[0]; first.Numel() > 0 {
			box := torch.ToSlice[float64](t.Boxes.Select(0, first.Select(0, 0).Int()).To(torch.Float64))
			g.refuse("All bounding boxes should have positive height and width. Found invalid box %s for target at index %d.", python.Repr(box), i)
		}
	}
	maps := g.Backbone.Maps(list.Tensors)
	proposals, proposalLosses := g.RPN.Forward(list, maps, targets)
	found, losses := g.RoIHeads.Forward(maps, proposals, list.ImageSizes, targets)
	if g.IsTraining() {
		return append(losses, proposalLosses...)
	}
	return flatten(g.Transform.Postprocess(found, list.ImageSizes, original))
}
