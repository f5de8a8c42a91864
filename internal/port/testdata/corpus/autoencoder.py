"""A convolutional autoencoder that takes noise away."""
import torch
from torch import nn
from torch.optim import Adam
from torch.optim.lr_scheduler import StepLR


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 3, stride=2, padding=1, output_padding=1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


def add_noise(x, level=0.3):
    return torch.clamp(x + level * torch.randn_like(x), 0.0, 1.0)


torch.manual_seed(42)
model = Autoencoder()
optimizer = Adam(model.parameters(), lr=1e-2, weight_decay=1e-5)
scheduler = StepLR(optimizer, step_size=2, gamma=0.5)
criterion = nn.MSELoss()
images = torch.rand(16, 1, 28, 28)

losses = []
for epoch in range(4):
    noisy = add_noise(images)
    restored = model(noisy)
    loss = criterion(restored, images)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    losses.append(loss.item())
    print(f"epoch [{epoch + 1}/4], loss: {loss.item():.4f}, lr: {scheduler.get_last_lr()[0]:.5f}")

best = min(losses)
print("best: {:.4f} in epoch {}".format(best, losses.index(best) + 1))
