package mistakes

import (
	"fmt"
	"log"

	"github.com/wangkuiyi/gotorch/torch"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

func verbs(x, y *torch.Tensor) error {
	loss := F.MSELoss(x, y)
	fmt.Printf("step %d: loss %d\n", 1, loss) // want "%d of a tensor of floating-point numbers: write %g"
	fmt.Printf("%c\n", x)                     // want "%c is for characters"
	log.Printf("right: %t", x.Argmax(1))      // want "%t of a tensor of integers"
	fmt.Printf("%v\n", *x)                    // want "gets a Tensor by value"
	return fmt.Errorf("wrong tensor: %w", x)  // want "%w is for errors, not for a tensor"
}
