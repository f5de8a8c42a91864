"""Golden values of scikit-learn: torch/utils/metrics/testdata/metrics.json.

Needs the scikit-learn package too. The inputs are chosen so that scores are tied
and one class is never predicted.
"""

import torch
from sklearn import metrics as sk

from .tensors import encode


def cases():
    g = torch.Generator().manual_seed(5)
    n, k = 60, 4
    scores = torch.randint(0, 8, (n, k), generator=g).float() / 8 + torch.tensor([0.01, 0.02, 0.03, 0.0])
    scores[:, 3] -= 1
    target = torch.randint(0, k, (n,), generator=g)
    scores[torch.arange(n), target] += 0.25
    group = torch.randint(0, 3, (n,), generator=g) * 10
    predicted = scores.argmax(1)
    probabilities = scores.softmax(1, dtype=torch.float64)
    binary = (target == 1).long()
    labels = list(range(k))

    def averages(function):
        return {a: function(target, predicted, labels=labels, average=a, zero_division=0) for a in ("macro", "weighted", "micro")}

    precision, recall, f1, support = sk.precision_recall_fscore_support(target, predicted, labels=labels, zero_division=0)
    groups = {str(int(v)): group == v for v in group.unique()}
    auroc = sk.roc_auc_score
    return [
        {
            "scores": encode(scores),
            "probabilities": encode(probabilities),
            "target": encode(target),
            "group": encode(group),
            "confusion": sk.confusion_matrix(target, predicted, labels=labels).tolist(),
            "accuracy": sk.accuracy_score(target, predicted),
            "top2": sk.top_k_accuracy_score(target, scores, k=2, labels=labels),
            "precision": averages(sk.precision_score),
            "recall": averages(sk.recall_score),
            "f1": averages(sk.f1_score),
            "classes": [
                {"Precision": p, "Recall": r, "F1": f, "Support": int(s)} for p, r, f, s in zip(precision, recall, f1, support)
            ],
            "auroc": {
                "binary": auroc(binary, scores[:, 1]),
                "macro": auroc(target, probabilities, multi_class="ovr"),
                "weighted": auroc(target, probabilities, multi_class="ovr", average="weighted"),
            },
            "by_group": {
                name: {"accuracy": sk.accuracy_score(target[m], predicted[m]), "auroc": auroc(binary[m], scores[m, 1])}
                for name, m in groups.items()
            },
        }
    ]
