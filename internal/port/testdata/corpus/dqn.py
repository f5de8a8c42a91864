"""Q-learning with a network on a walk of seven places, with a memory of the past."""
import torch
import torch.nn as nn
import torch.nn.functional as F

GAMMA = 0.9
PLACES = 7


class DQN(nn.Module):
    def __init__(self, n_observations, n_actions):
        super(DQN, self).__init__()
        self.layer1 = nn.Linear(n_observations, 32)
        self.layer2 = nn.Linear(32, 32)
        self.layer3 = nn.Linear(32, n_actions)

    def forward(self, x):
        x = F.relu(self.layer1(x))
        x = F.relu(self.layer2(x))
        return self.layer3(x)


def one_hot(place):
    state = torch.zeros(PLACES)
    state[place] = 1.0
    return state


def step(place, action):
    """Returns the next place, the reward, and whether the walk is over."""
    place = place + 1 if action == 1 else place - 1
    done = place == 0 or place == PLACES - 1
    reward = 1.0 if place == PLACES - 1 else 0.0
    return place, reward, done


torch.manual_seed(0)
policy_net = DQN(PLACES, 2)
target_net = DQN(PLACES, 2)
target_net.load_state_dict(policy_net.state_dict())
optimizer = torch.optim.AdamW(policy_net.parameters(), lr=1e-2, amsgrad=True)
criterion = nn.SmoothL1Loss()

for episode in range(6):
    place = 3
    steps = 0
    total = 0.0
    while True:
        state = one_hot(place)
        if torch.rand(1).item() < 0.5:
            action = torch.randint(0, 2, (1,)).item()
        else:
            with torch.no_grad():
                action = policy_net(state).argmax().item()
        next_place, reward, done = step(place, action)
        with torch.no_grad():
            future = 0.0 if done else target_net(one_hot(next_place)).max().item()
        expected = reward + GAMMA * future
        q = policy_net(state)[action]
        loss = criterion(q, torch.tensor(expected))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
        optimizer.step()
        place = next_place
        total += reward
        steps += 1
        if done or steps >= 20:
            break
    target_net.load_state_dict(policy_net.state_dict())
    print(f"episode {episode}: {steps} steps, reward {total:.1f}, loss {loss.item():.5f}")
