package detection

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/vision/internal/states"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// ProposalHead says for each anchor whether there is a thing, and how its box differs:
// [RPNHead] is one.
type ProposalHead interface {
	nn.AnyModule
	// Forward returns, for each map, batch × channels × height × width, the scores,
	// batch × anchors × height × width, and the differences, batch × 4·anchors × height ×
	// width.
	Forward(maps []*torch.Tensor) (scores, differences []*torch.Tensor)
}

// RPNHeadOptions are the options of [NewRPNHead].
type RPNHeadOptions struct {
	ConvDepth *int // how many convolutions come first; default: 1
}

// RPNHead is a [ProposalHead] of convolutions, and of two more for scores and
// differences.
type RPNHead struct {
	nn.Module
	Conv      *nn.Sequential
	ClsLogits *nn.Conv2d
	BBoxPred  *nn.Conv2d `nn:"bbox_pred"`
}

// NewRPNHead returns a head for maps of so many channels and so many anchors for each
// pixel. It loads states of torchvision's first version, too.
func NewRPNHead(inChannels, numAnchors int, options ...RPNHeadOptions) *RPNHead {
	r := &RPNHead{Conv: nn.NewSequential()}
	for range option.Or(option.First(options).ConvDepth, 1) {
		r.Conv.Append(ops.NewConv2dNormActivation(inChannels, inChannels, ops.Conv2dNormActivationOptions{NoNorm: true}))
	}
	r.ClsLogits = nn.NewConv2d(inChannels, numAnchors, 1)
	r.BBoxPred = nn.NewConv2d(inChannels, numAnchors*4, 1)
	nn.Init(r)
	for _, m := range r.Modules() {
		if c, ok := m.(*nn.Conv2d); ok {
			nninit.Normal(c.Weight, 0, 0.01)
			nninit.Constant(c.Bias, 0)
		}
	}
	r.RegisterLoadStateDictPreHook(func(_ nn.AnyModule, dict *nn.StateDict, prefix string) {
		states.Rename(dict, prefix+"conv.", "0.0.")
	})
	return r
}

// Forward returns scores and differences for each map.
func (r *RPNHead) Forward(maps []*torch.Tensor) (scores, differences []*torch.Tensor) {
	results := r.RunAll(func(maps []*torch.Tensor) []*torch.Tensor {
		var scores, differences []*torch.Tensor
		for _, m := range maps {
			x := r.Conv.Forward(m)
			scores, differences = append(scores, r.ClsLogits.Forward(x)), append(differences, r.BBoxPred.Forward(x))
		}
		return append(scores, differences...)
	}, maps...)
	return results[:len(maps)], results[len(maps):]
}

// RegionProposalNetwork proposes boxes in which there may be things.
type RegionProposalNetwork struct {
	nn.Module
	AnchorGenerator *AnchorGenerator
	Head            ProposalHead

	preNMS, postNMS modal   // how many proposals there are before and after those that overlap go
	overlap         float64 // the IoU from which they overlap
	score           float64 // the least score of a proposal
	coder           boxCoder
	matcher         matcher
	sampler         sampler
}

// modal is a number that is one in training mode and another in evaluation mode.
type modal struct{ training, testing int }

func (m modal) of(r *RegionProposalNetwork) int {
	if r.IsTraining() {
		return m.training
	}
	return m.testing
}

// smallest is the side of the smallest box that is proposed.
const smallest = 1e-3

func newRegionProposalNetwork(o FasterRCNNOptions) *RegionProposalNetwork {
	return nn.Init(&RegionProposalNetwork{AnchorGenerator: o.RPNAnchorGenerator, Head: o.RPNHead,
		preNMS: modal{*o.RPNPreNMSTopNTrain, *o.RPNPreNMSTopNTest}, postNMS: modal{*o.RPNPostNMSTopNTrain, *o.RPNPostNMSTopNTest},
		overlap: *o.RPNNMSThresh, score: *o.RPNScoreThresh, coder: boxCoder{[4]float64{1, 1, 1, 1}},
		matcher: newMatcher(*o.RPNFgIoUThresh, *o.RPNBgIoUThresh, true),
		sampler: sampler{*o.RPNBatchSizePerImage, *o.RPNPositiveFraction}})
}

func newMatcher(high, low float64, lowToo bool) matcher {
	if low > high {
		panic(torch.Errorf("detection.NewFasterRCNN", torch.ValueError, "low_threshold should be <= high_threshold"))
	}
	return matcher{high, low, lowToo}
}

// Forward returns boxes, n × 4 for each image, and in training mode the losses, of
// scores and of differences.
func (r *RegionProposalNetwork) Forward(images ImageList, features ops.FeatureMaps, targets []Target) (boxes, losses []*torch.Tensor) {
	results := r.RunAll(func(maps []*torch.Tensor) []*torch.Tensor {
		boxes, losses := r.propose(images, maps, targets)
		return append(boxes, losses...)
	}, features.Tensors()...)
	n := len(images.ImageSizes)
	return results[:n], results[n:]
}

func (r *RegionProposalNetwork) propose(images ImageList, maps []*torch.Tensor, targets []Target) (boxes, losses []*torch.Tensor) {
	levelScores, levelDifferences := r.Head.Forward(maps)
	anchors := r.AnchorGenerator.Forward(images, maps)
	perLevel := make([]int, len(levelScores))
	for i, s := range levelScores {
		perLevel[i] = s.Size(1) * s.Size(2) * s.Size(3)
	}
	scores, differences := joinLevels(levelScores, levelDifferences)
	proposals := r.coder.decode(differences.Detach(), anchors).View(len(anchors), -1, 4)
	boxes = r.filter(proposals, scores.Detach().Reshape(len(anchors), -1), images.ImageSizes, perLevel)
	if r.IsTraining() {
		labels, matched := r.assign(anchors, targets)
		losses = r.losses(scores, differences, labels, r.coder.encode(matched, anchors))
	}
	return boxes, losses
}

// joinLevels returns the scores, n × 1, and the differences, n × 4, of the anchors of
// all images: image by image, and level by level.
func joinLevels(scores, differences []*torch.Tensor) (*torch.Tensor, *torch.Tensor) {
	flat := func(x *torch.Tensor, anchors int) *torch.Tensor {
		n, height, width := x.Size(0), x.Size(2), x.Size(3)
		numbers := x.Size(1) / anchors
		return x.View(n, -1, numbers, height, width).Permute(0, 3, 4, 1, 2).Reshape(n, -1, numbers)
	}
	flatScores, flatDifferences := make([]*torch.Tensor, len(scores)), make([]*torch.Tensor, len(scores))
	for i := range scores {
		anchors := differences[i].Size(1) / 4
		flatScores[i], flatDifferences[i] = flat(scores[i], anchors), flat(differences[i], anchors)
	}
	return torch.Cat(flatScores, 1).Flatten(0, -2), torch.Cat(flatDifferences, 1).Reshape(-1, 4)
}

// filter returns the best proposals of each image: of its images × n × 4 proposals, with
// images × n scores, those of the highest ones of each level that do not overlap.
func (r *RegionProposalNetwork) filter(proposals, scores *torch.Tensor, sizes [][2]int, perLevel []int) []*torch.Tensor {
	on := torch.TensorOptions{DType: torch.Int64, Device: proposals.Device()}
	levels := make([]*torch.Tensor, len(perLevel))
	var top []*torch.Tensor
	offset := 0
	for i, part := range scores.SplitWithSizes(perLevel, 1) {
		levels[i] = torch.Full([]int{perLevel[i]}, i, on)
		n := min(r.preNMS.of(r), perLevel[i])
		_, indexes := part.TopK(n, torch.TopKOptions{Dim: new(1)})
		top = append(top, indexes.Add(offset))
		offset += perLevel[i]
	}
	best := torch.Cat(top, 1)
	level := torch.Cat(levels, 0).Reshape(1, -1).ExpandAs(scores)
	image := torch.Arange(0, proposals.Size(0), 1, on).Unsqueeze(1)
	scores = scores.Index(image, best).Sigmoid()
	level, proposals = level.Index(image, best), proposals.Index(image, best)

	results := make([]*torch.Tensor, len(sizes))
	for i, size := range sizes {
		c := candidates{ops.ClipBoxesToImage(proposals.Select(0, i), size), scores.Select(0, i), level.Select(0, i)}
		c.keep(ops.RemoveSmallBoxes(c.boxes, smallest))
		c.keep(drawn(c.scores.Ge(r.score)))
		c.suppress(r.overlap, r.postNMS.of(r))
		results[i] = c.boxes
	}
	return results
}

// candidates are boxes with scores, and the groups that they are compared in.
type candidates struct{ boxes, scores, groups *torch.Tensor }

// keep leaves those of the indexes.
func (c *candidates) keep(indexes *torch.Tensor) {
	c.boxes, c.scores, c.groups = c.boxes.Index(indexes), c.scores.Index(indexes), c.groups.Index(indexes)
}

// suppress leaves those that do not overlap with a better one, at most n.
func (c *candidates) suppress(threshold float64, n int) {
	kept := ops.BatchedNms(c.boxes, c.scores, c.groups, threshold)
	c.keep(kept.Index(torch.To(n)))
}

// assign returns for each image which anchors show a thing: 1, or 0, or −1 where it is
// not clear, Float32; and the boxes of these things.
func (r *RegionProposalNetwork) assign(anchors []*torch.Tensor, targets []Target) (labels, matched []*torch.Tensor) {
	for i, a := range anchors {
		if boxes := targets[i].Boxes; boxes.Numel() > 0 {
			found := r.matcher.match(ops.BoxIoU(boxes, a))
			label := found.Ge(0).To(torch.Float32)
			label.At(found.Eq(belowLow)).Set(0)
			label.At(found.Eq(between)).Set(-1)
			labels, matched = append(labels, label), append(matched, boxes.Index(found.ClampMin(0)))
			continue
		}
		on := torch.TensorOptions{Device: a.Device()}
		labels, matched = append(labels, torch.Zeros([]int{a.Size(0)}, on)), append(matched, torch.Zeros(a.Shape(), on))
	}
	return labels, matched
}

// losses returns the loss of the scores and that of the differences.
func (r *RegionProposalNetwork) losses(scores, differences *torch.Tensor, labels, wanted []*torch.Tensor) []*torch.Tensor {
	positives, negatives := r.sampler.sample(labels)
	positive, negative := drawn(torch.Cat(positives, 0)), drawn(torch.Cat(negatives, 0))
	all := torch.Cat([]*torch.Tensor{positive, negative}, 0)
	boxLoss := functional.SmoothL1Loss(differences.Index(positive), torch.Cat(wanted, 0).Index(positive), smoothL1).Div(all.Numel())
	scoreLoss := functional.BinaryCrossEntropyWithLogits(scores.Flatten().Index(all), torch.Cat(labels, 0).Index(all))
	return []*torch.Tensor{scoreLoss, boxLoss}
}

// smoothL1 is how losses of boxes are computed.
var smoothL1 = functional.SmoothL1LossOptions{Beta: new(1.0 / 9), Reduction: functional.ReductionSum}
