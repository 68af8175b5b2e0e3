"""Where everything lies in the flat arrays: slots of the head of `facts`, and columns of their rows.

Few arrays, since each one that is passed costs eight words per call; `facts[SLOT]` is where a section begins in `facts`
(whole numbers), `prices` (points) or `state`, which the name tells.
"""

# sections of facts
PLACE = 0  # rows of workplace, site, set, guide pool, so pool, io pool, student, whether it holds today
FIRST = 1  # per student the first place, one more at the end
POOL = 2  # per guide pool the first row
GUIDE = 3  # rows of supervisor, hours taken by the norm
CREW = 4  # per trainer pool the first row
TRAINER = 5  # rows of supervisor, visit
SET = 6  # per period set the first item
SET_ITEM = 7  # periods
MASK = 8  # per period set and period whether it is in the set
NEED = 9  # rows of wpb, so, io, wpb with peers, wpb with a senior (-1: not allowed), least wpb, senior, agreed to a duo
GROUP = 10  # per student the first item
GROUP_ITEM = 11  # groups
RANK = 12  # per group its first price among the ranks
MINIMUM = 13  # per site
WITH = 14  # per student the first item: who must be at the same site
WITH_ITEM = 15
APART = 16
APART_ITEM = 17
MOVABLE = 18  # students who may move
SITE_ROW = 19  # per site the first item
SITE_ROW_ITEM = 20  # places at the site
LEAST = 21  # sites with a minimum above one
DESK = 22  # per supervisor the first item
DESK_ITEM = 23  # workplaces whose room follows the supervisor's hours
MEMBER = 24  # per workplace the first item
MEMBER_ITEM = 25  # supervisors
HOME = 26  # per supervisor the site where they may be in a team, -1 for none
DUO_QH = 27  # what two together need, by the sum of their needs
MARK = 28  # per guide row the marks, the overhead among the hours, the hours of the supervisor in the scarcest period, spare

# sections of prices
P_PLACE = 29
P_GUIDE = 30
P_RANK = 31  # what the k-th unplaced of a group costs extra
P_LOAD = 32
P_UNPLACED = 33
P_MARK = 34  # by marks: what a guide costs for them, once however many have them

# sections of state
S_NOW = 35  # rows of place, guide row, so row, io row, relief, duo partner, row of the second of a team, hours taken of the guide
S_SEATS = 36  # left, workplace x period
S_HOURS = 37  # left, supervisor x period
S_HEADS = 38  # left, supervisor x period
S_ROOM = 39  # the most hours that one guide, with pooling two, has left, workplace x period
S_GUIDED = 40  # students of a workplace supervisor, supervisor x period
S_AT_SITE = 41  # site x period
S_PEERS = 42  # site x period: students with relief by peers
S_HELPED = 43  # and by seniors
S_SENIORS = 44
S_VISITS = 45  # students of a trainer at a site, visit x period
S_NEXT = 46  # rows of five lists: of the workplace, the guide, the so, the io, the second of a team
S_PREVIOUS = 47
S_OF_WORKPLACE = 48  # first of the list
S_OF_PERSON = 49
S_OF_SECOND = 50
S_LEFT = 51  # unplaced of each group
S_WAITING = 52  # who has no place
S_WAITING_AT = 53  # where each student is in that list, -1 for not
S_SITE = 54  # the site of each student, -1 for none
S_JOURNAL = 55  # rows of student and what S_NOW had before the step
S_TOUCHED = 56  # whether the journal has the student
S_EJECTED = 57
S_BEST = 58  # as S_NOW
S_SCRATCH = 59  # per period the peers that there could be, twice, then the hours left of each of a pool

# numbers
PERIODS = 60
MOVABLES = 61
LOADS = 62
SITE_SO = 63
SITE_IO = 64
LEASTS = 65
STUDENTS = 66
COMPANY = 67  # whether anybody must be with or apart from anybody
POOLED = 68  # whether duo, team, peer or senior is on
TEAM_QH = 69  # hours of a member of a team at least, 0 without teams
GROUP_SIZE = 70  # peers at least
PER_SENIOR = 71
TEAM_COST = 72
SITES = 73
ARE_TRAINERS_SCARCE = 74  # so that whole visits are worth giving up
HEAD = 75

# totals
COST = 0
SHORT = 1  # by how many students open sites and peer groups are below their minimum, and too many are helped
WAITING = 2
JOURNAL = 3
EJECTED = 4
BEST = 5
IS_BEST = 6  # the state is the best and not yet copied
AT_STAKE = 7  # what the ejected cost while they have no place
SHORT_PRICE = 8
STEPS = 9
ACCEPTED = 10
RANDOM = 11
TOTALS = 12

NOBODY = -1
NO_FIT = -2
MOST_EJECTED = 12  # students thrown out in one step
ROW = 8  # words of a row of S_NOW
PEER, SENIOR = 1, 2  # relief
AMPLE = 2**30
