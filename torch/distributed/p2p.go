package distributed

import (
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

var (
	opSend    = torch.NewOperator("c10d::send(Tensor[] tensors, " + groupType + ", int dst, int tag) -> " + workType)
	opRecv    = torch.NewOperator("c10d::recv_(Tensor[] tensors, " + groupType + ", int src, int tag) -> " + workType)
	opRecvAny = torch.NewOperator("c10d::recv_any_source_(Tensor[] tensors, " + groupType + ", int tag) -> " + workType)
)

// AnySource is for [Recv]: whichever process sends.
const AnySource = -1

// MessageOptions are the options of messages from one process to another.
type MessageOptions struct {
	Group *ProcessGroup // nil is the default group
	Tag   int           // a message is received by who waits for its tag
	// Timeout is for Send and Recv, which wait; that of the group where it is 0.
	Timeout time.Duration
}

// Send sends a tensor to the process dst, by its rank in the default group, and waits until
// its memory may be used again.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.send
func Send(x *torch.Tensor, dst int, options ...MessageOptions) error {
	o := option.First(options)
	w, err := send("Send", x, dst, o)
	if err != nil {
		return err
	}
	defer w.Close()
	return w.Wait(o.Timeout)
}

// Recv receives a tensor of the same shape and dtype as x into it from the process src, or
// from [AnySource], and returns which it was, by its rank in the default group.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.recv
func Recv(x *torch.Tensor, src int, options ...MessageOptions) (int, error) {
	o := option.First(options)
	w, err := recv("Recv", x, src, o)
	if err != nil {
		return -1, err
	}
	defer w.Close()
	if err := w.Wait(o.Timeout); err != nil {
		return -1, err
	}
	if src != AnySource {
		return src, nil
	}
	rank, err := w.source()
	if err != nil {
		return -1, err
	}
	return GetGlobalRank(w.group, rank)
}

// Isend begins [Send]. It takes no Timeout: [Work.Wait] does.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.isend
func Isend(x *torch.Tensor, dst int, options ...MessageOptions) (*Work, error) {
	o := option.First(options)
	if err := o.checkAsync("Isend"); err != nil {
		return nil, err
	}
	return send("Isend", x, dst, o)
}

// Irecv begins [Recv]. It takes no Timeout: [Work.Wait] does.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.irecv
func Irecv(x *torch.Tensor, src int, options ...MessageOptions) (*Work, error) {
	o := option.First(options)
	if err := o.checkAsync("Irecv"); err != nil {
		return nil, err
	}
	return recv("Irecv", x, src, o)
}

func (o *MessageOptions) checkAsync(op string) error {
	if o.Timeout != 0 {
		return o.Group.fail(op, refusal(torch.ValueError, "it has no timeout: Work.Wait has"))
	}
	return nil
}

func send(op string, x *torch.Tensor, dst int, o MessageOptions) (*Work, error) {
	g, err := member(op, o.Group)
	if err != nil {
		return nil, err
	}
	rank, err := g.other(op, dst)
	if err != nil {
		return nil, err
	}
	return g.start(op, opSend, func(c *torch.Call) error {
		c.Tensors([]*torch.Tensor{realView(x)})
		c.Object(g.object)
		c.Int(rank)
		c.Int(o.Tag)
		return nil
	})
}

func recv(op string, x *torch.Tensor, src int, o MessageOptions) (*Work, error) {
	g, err := member(op, o.Group)
	if err != nil {
		return nil, err
	}
	if src == AnySource {
		return g.start(op, opRecvAny, func(c *torch.Call) error {
			c.Tensors([]*torch.Tensor{realView(x)})
			c.Object(g.object)
			c.Int(o.Tag)
			return nil
		})
	}
	rank, err := g.other(op, src)
	if err != nil {
		return nil, err
	}
	return g.start(op, opRecv, func(c *torch.Call) error {
		c.Tensors([]*torch.Tensor{realView(x)})
		c.Object(g.object)
		c.Int(rank)
		c.Int(o.Tag)
		return nil
	})
}

// other returns the rank in the group of another process than this one.
func (g *ProcessGroup) other(op string, global int) (int, error) {
	rank, err := GetGroupRank(g, global)
	if err == nil && rank == g.rank {
		err = refusal(torch.ValueError, "rank %d is this process itself", global)
	}
	if err != nil {
		return -1, g.fail(op, err)
	}
	return rank, nil
}

// P2POp is one message of [BatchIsendIrecv].
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.P2POp
type P2POp struct {
	Send   bool // whether this process sends; it receives otherwise
	Tensor *torch.Tensor
	Peer   int // the other process, by its rank in the default group
	Group  *ProcessGroup
	Tag    int
}

// BatchIsendIrecv begins several messages and returns the work of each. Where one cannot be
// begun it waits for none of those before, which go on.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.batch_isend_irecv
func BatchIsendIrecv(list []P2POp) ([]*Work, error) {
	const op = "BatchIsendIrecv"
	works := make([]*Work, 0, len(list))
	for _, p := range list {
		begin := recv
		if p.Send {
			begin = send
		}
		w, err := begin(op, p.Tensor, p.Peer, MessageOptions{Group: p.Group, Tag: p.Tag})
		if err != nil {
			return works, err
		}
		works = append(works, w)
	}
	return works, nil
}
