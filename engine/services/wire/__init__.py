"""The wire's side of the house: partners, what came in, what became of what was sent, and what people do about both.

    partners     who they are, what they may send and see, their keys
    inbound      a verified message is kept and brought to its case
    matching     what no case has taken: a person, or time, decides
    exchange     business receipts and answers: sent -> received -> accepted -> decided
    outbound     reports of attempts, dead letters, what is handed over on paper
    files        attachments by reference, and what came with a message on paper
    manual       what came on paper, entered by one person and checked by another

Invariants: one partner's messages touch nothing of another's; what was answered once is answered the same again; what
was kept is applied, or a person is told; every decision of a person is in the trail with its name.
"""
