package detection

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// BoxPredictor says which class a box shows, and how the box of the thing differs:
// [FastRCNNPredictor] is one.
type BoxPredictor interface {
	nn.AnyModule
	// Forward returns scores, n × classes, and differences, n × 4·classes, for features of
	// n boxes.
	Forward(x *torch.Tensor) (scores, differences *torch.Tensor)
}

// RoIHeads looks into proposed boxes and says what they show.
type RoIHeads struct {
	nn.Module
	BoxRoIPool   *ops.MultiScaleRoIAlign `nn:"box_roi_pool"`
	BoxHead      nn.Layer
	BoxPredictor BoxPredictor

	score   float64 // the least score of a detection
	overlap float64 // the IoU from which detections overlap
	most    int     // detections in an image
	coder   boxCoder
	matcher matcher
	sampler sampler
}

func newRoIHeads(o FasterRCNNOptions) *RoIHeads {
	return nn.Init(&RoIHeads{BoxRoIPool: o.BoxRoIPool, BoxHead: o.BoxHead, BoxPredictor: o.BoxPredictor,
		score: *o.BoxScoreThresh, overlap: *o.BoxNMSThresh, most: *o.BoxDetectionsPerImg,
		coder:   boxCoder{*o.BBoxRegWeights},
		matcher: newMatcher(*o.BoxFgIoUThresh, *o.BoxBgIoUThresh, false),
		sampler: sampler{*o.BoxBatchSizePerImage, *o.BoxPositiveFraction}})
}

// Forward returns what the proposals, n × 4 for each image of the given height and
// width, show, or in training mode the losses, of classes and of differences.
func (r *RoIHeads) Forward(features ops.FeatureMaps, proposals []*torch.Tensor, sizes [][2]int, targets []Target) (found []Detection, losses []*torch.Tensor) {
	for _, t := range targets {
		if d := t.Boxes.DType(); d != torch.Float32 && d != torch.Float64 && d != torch.Float16 {
			panic(torch.Errorf("detection.RoIHeads", torch.TypeError, "target boxes must of float type, instead got %v", d))
		}
		if d := t.Labels.DType(); d != torch.Int64 {
			panic(torch.Errorf("detection.RoIHeads", torch.TypeError, "target labels must of int64 type, instead got %v", d))
		}
	}
	names, maps := features.Names(), len(features)
	results := r.RunAll(func(inputs []*torch.Tensor) []*torch.Tensor {
		features, proposals := ops.NameMaps(names, inputs[:maps]), slices.Clone(inputs[maps:])
		if r.IsTraining() {
			return r.losses(features, proposals, sizes, targets)
		}
		return flatten(r.detect(features, proposals, sizes))
	}, slices.Concat(features.Tensors(), proposals)...)
	if r.IsTraining() {
		return nil, results
	}
	return unflatten(results), nil
}

// predict returns scores and differences for the proposals of all images.
func (r *RoIHeads) predict(features ops.FeatureMaps, proposals []*torch.Tensor, sizes [][2]int) (scores, differences *torch.Tensor) {
	regions := r.BoxRoIPool.Forward(features, proposals, sizes)
	return r.BoxPredictor.Forward(nn.Call(r.BoxHead, regions))
}

// losses returns the loss of the classes and that of the differences.
func (r *RoIHeads) losses(features ops.FeatureMaps, proposals []*torch.Tensor, sizes [][2]int, targets []Target) []*torch.Tensor {
	proposals, labels, wanted := r.samples(proposals, targets)
	scores, differences := r.predict(features, proposals, sizes)
	label, want := torch.Cat(labels, 0), torch.Cat(wanted, 0)
	classLoss := functional.CrossEntropy(scores, label)
	positive := torch.WhereNonzero(label.Gt(0))[0]
	differences = differences.Reshape(scores.Size(0), differences.Size(-1)/4, 4)
	boxLoss := functional.SmoothL1Loss(differences.Index(positive, label.Index(positive)), want.Index(positive), smoothL1)
	return []*torch.Tensor{classLoss, boxLoss.Div(label.Numel())}
}

// samples returns, for each image, the proposals to learn from, the targets' own among
// them, the classes that they show, and how the boxes of these things differ.
func (r *RoIHeads) samples(proposals []*torch.Tensor, targets []Target) (boxes, labels, wanted []*torch.Tensor) {
	dtype := proposals[0].DType()
	truth := make([]*torch.Tensor, len(targets))
	things := make([]*torch.Tensor, len(targets))
	for i, t := range targets {
		truth[i] = t.Boxes.To(dtype)
		proposals[i] = torch.Cat([]*torch.Tensor{proposals[i], truth[i]}, 0)
		thing, label := r.assign(proposals[i], truth[i], t.Labels)
		things[i], labels = thing, append(labels, label)
	}
	positives, negatives := r.sampler.sample(labels)
	matched := make([]*torch.Tensor, len(targets))
	for i := range targets {
		sampled := drawn(positives[i].BitwiseOr(negatives[i]))
		proposals[i], labels[i] = proposals[i].Index(sampled), labels[i].Index(sampled)
		if truth[i].Numel() == 0 {
			truth[i] = proposals[i].NewZeros([]int{1, 4})
		}
		matched[i] = truth[i].Index(things[i].Index(sampled))
	}
	return proposals, labels, r.coder.encode(matched, proposals)
}

// assign returns the thing and the class that each proposal shows, the first and 0 where
// it shows none, and −1 where the class is not clear.
func (r *RoIHeads) assign(proposals, boxes, labels *torch.Tensor) (thing, label *torch.Tensor) {
	if boxes.Numel() == 0 {
		none := torch.TensorOptions{DType: torch.Int64, Device: proposals.Device()}
		return torch.Zeros([]int{proposals.Size(0)}, none), torch.Zeros([]int{proposals.Size(0)}, none)
	}
	found := r.matcher.match(ops.BoxIoU(boxes, proposals))
	thing = found.ClampMin(0)
	label = labels.Index(thing)
	label.At(found.Eq(belowLow)).Set(0)
	label.At(found.Eq(between)).Set(-1)
	return thing, label
}

// detect returns the things that are found in each image, the surest first.
func (r *RoIHeads) detect(features ops.FeatureMaps, proposals []*torch.Tensor, sizes [][2]int) []Detection {
	logits, differences := r.predict(features, proposals, sizes)
	perImage := lengths(proposals)
	boxes := r.coder.decode(differences, proposals).SplitWithSizes(perImage, 0)
	scores := logits.Softmax(-1).SplitWithSizes(perImage, 0)
	classes := logits.Size(-1)
	labels := torch.Arange(0, classes, 1, torch.TensorOptions{DType: torch.Int64, Device: logits.Device()}).View(1, -1)
	found := make([]Detection, len(boxes))
	for i, size := range sizes {
		foreground := func(x *torch.Tensor) *torch.Tensor { return x.Narrow(1, 1, classes-1) }
		c := candidates{
			boxes:  foreground(ops.ClipBoxesToImage(boxes[i], size)).Reshape(-1, 4),
			scores: foreground(scores[i]).Reshape(-1),
			groups: foreground(labels.ExpandAs(scores[i])).Reshape(-1),
		}
		c.keep(torch.WhereNonzero(c.scores.Gt(r.score))[0])
		c.keep(ops.RemoveSmallBoxes(c.boxes, 0.01))
		c.suppress(r.overlap, r.most)
		found[i] = Detection{Boxes: c.boxes, Labels: c.groups, Scores: c.scores}
	}
	return found
}
