"""Where everything lies in the flat arrays: slots of the head of `facts`, and columns of their rows.

Few arrays, since each one that is passed costs eight words per call; `facts[SLOT]` is where a section begins in `facts`
(whole numbers), `prices` (points) or `state`, which the name tells.
"""

# sections of facts
PLACE = 0  # rows of workplace, site, set, guide pool, so pool, io pool, student, spare
FIRST = 1  # per student the first place, one more at the end
POOL = 2  # per guide pool the first row
GUIDE = 3  # rows of supervisor, hours taken
CREW = 4  # per trainer pool the first row
TRAINER = 5  # rows of supervisor, visit
SET = 6  # per period set the first item
SET_ITEM = 7  # periods
MASK = 8  # per period set its periods as bits
NEED = 9  # rows of wpb, so, io
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

# sections of prices
P_PLACE = 26
P_GUIDE = 27
P_RANK = 28  # what the k-th unplaced of a group costs extra
P_LOAD = 29
P_UNPLACED = 30

# sections of state
S_NOW = 31  # rows of place, guide row, so row, io row; -1 for none
S_SEATS = 32  # left, workplace x period
S_HOURS = 33  # left, supervisor x period
S_HEADS = 34  # left, supervisor x period
S_ROOM = 35  # the most hours that one guide has left, workplace x period
S_GUIDED = 36  # students of a workplace supervisor, supervisor x period
S_AT_SITE = 37  # site x period
S_VISITS = 38  # students of a trainer at a site, visit x period
S_NEXT = 39  # rows of four lists: of the workplace, the guide, the so, the io
S_PREVIOUS = 40
S_OF_WORKPLACE = 41  # first of the list
S_OF_PERSON = 42
S_LEFT = 43  # unplaced of each group
S_WAITING = 44  # who has no place
S_WAITING_AT = 45  # where each student is in that list, -1 for not
S_SITE = 46  # the site of each student, -1 for none
S_JOURNAL = 47  # rows of student, place, guide row, so row, io row before the step
S_TOUCHED = 48  # whether the journal has the student
S_EJECTED = 49
S_BEST = 50  # as S_NOW

# numbers
PERIODS = 51
MOVABLES = 52
LOADS = 53
SITE_SO = 54
SITE_IO = 55
LEASTS = 56
STUDENTS = 57
COMPANY = 58  # whether anybody must be with or apart from anybody
HEAD = 59

# totals
COST = 0
SHORT = 1  # by how many students open sites are below their minimum
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
