package main

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/examples/internal/team"
	"github.com/wangkuiyi/gotorch/torch/distributed"
)

// unite lets the network train with those of the team's other processes, which must be as
// far, and returns what lets go of them.
func (s *session) unite() (part func(), err error) {
	if s.batch%s.Size() != 0 {
		return nil, fmt.Errorf("-batch is %d, which %d processes cannot share evenly", s.batch, s.Size())
	}
	if s.Size() > 1 {
		places, err := distributed.AllGatherObject([2]int{s.Epoch, s.Images})
		if err != nil {
			return nil, err
		}
		for rank, place := range places {
			if place != places[0] {
				return nil, fmt.Errorf("rank %d would go on after %d epochs and %d images, rank 0 after %d and %d: is %s one folder for all of them?",
					rank, place[0], place[1], places[0][0], places[0][1], s.out)
			}
		}
	}
	s.forward, part, err = team.Forward[network](s.Team, s.net)
	return part, err
}
